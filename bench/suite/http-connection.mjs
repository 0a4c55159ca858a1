// One HTTP/1.1 connection that is kept, with one request under way at a time: no more than a load generator needs, so that
// the load side costs less than the server it measures.
import net from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');

export class HttpConnection {
  #socket;
  #received = Buffer.alloc(0);
  #answer;
  #stream;

  constructor(port) {
    this.#socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk) => this.#take(chunk));
    this.#socket.on('error', (error) => this.#failed(error));
    this.#socket.on('close', () => this.#failed(new Error('the server has closed the connection')));
  }

  /** Sends a request and resolves to `{status, head, body}`. `head` is everything up to the first empty line, as sent. */
  post(path, headers, body) {
    return this.#send(
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }

  /** Sends a request that is answered by an event stream, and calls `hear` with the data of each event. */
  async stream(request, hear) {
    this.#stream = { hear, text: '' };
    const { status, body } = await this.#send(request);
    if (status !== 200) throw new Error(`no stream: ${status} ${body}`);
  }

  close() {
    this.#answer = undefined;
    this.#socket.removeAllListeners('close').destroy();
  }

  #send(request) {
    return new Promise((resolve, reject) => {
      this.#answer = { resolve, reject };
      this.#socket.write(request);
    });
  }

  #failed(error) {
    this.#answer?.reject(error);
    this.#answer = undefined;
  }

  #take(chunk) {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    if (this.#stream?.open) return this.#takeChunks();
    const end = this.#received.indexOf(HEAD_END);
    if (end < 0) return;
    const head = this.#received.toString('latin1', 0, end);
    const status = Number(head.slice(9, 12));
    if (this.#stream && status === 200) {
      this.#received = this.#received.subarray(end + 4);
      this.#stream.open = true;
      this.#answered({ status, head, body: '' });
      return this.#takeChunks();
    }
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const whole = end + 4 + length;
    if (this.#received.length < whole) return;
    const body = this.#received.toString('utf8', end + 4, whole);
    this.#received = this.#received.subarray(whole);
    this.#answered({ status, head, body });
  }

  #answered(answer) {
    const { resolve } = this.#answer ?? {};
    this.#answer = undefined;
    resolve?.(answer);
  }

  /** Chunks of a body (RFC 9112, 7.1), and the events in them. */
  #takeChunks() {
    for (;;) {
      const end = this.#received.indexOf('\r\n');
      if (end < 0) return;
      const length = Number.parseInt(this.#received.toString('latin1', 0, end), 16);
      if (this.#received.length < end + 2 + length + 2) return;
      this.#stream.text += this.#received.toString('utf8', end + 2, end + 2 + length);
      this.#received = this.#received.subarray(end + 2 + length + 2);
      const events = this.#stream.text.split('\n\n');
      this.#stream.text = events.pop();
      for (const event of events) {
        const at = event.indexOf('data: ');
        // The first event of a stream has an id and nothing else.
        if (at >= 0 && event.length > at + 6) this.#stream.hear(event.slice(at + 6));
      }
    }
  }
}
