// A chat in the terminal. Start the service, then in two terminals:
//   node examples/chat.mjs Ann
//   node examples/chat.mjs Ben
import readline from 'node:readline';
import { StatelessClient } from './clients/stateless-client.mjs';

const [name = 'Anonymous', url = 'http://127.0.0.1:3000/mcp'] = process.argv.slice(2);
const terminal = readline.createInterface({ input: process.stdin, output: process.stdout, prompt: `${name}> ` });
let roomId;

function show(text) {
  process.stdout.write(`\r\x1b[K${text}\n`);
  terminal.prompt(true);
}

const client = new StatelessClient(url, (event, data) => {
  switch (event) {
    case 'chatroom.found':
      roomId = data.room_id;
      return show(`* You are talking to ${data.partner.display_name}. An empty line or Ctrl-D leaves.`);
    case 'message.received':
      return show(`${data.sender.display_name}: ${data.message}`);
    case 'partner.disconnected':
      return show(`* ${data.partner.display_name} is gone.`);
    case 'room.closed':
      roomId = undefined;
      return terminal.close();
  }
});

terminal.on('line', async (line) => {
  if (line.trim() === '') return terminal.close();
  if (roomId === undefined) return show('* Nobody is here yet.');
  try {
    await client.call('send_message', { room_id: roomId, message: line });
  } catch (error) {
    show(`* ${error.message}`);
  }
  terminal.prompt();
});

terminal.on('close', async () => {
  try {
    if (roomId === undefined) await client.call('leave_queue');
    else await client.call('leave_chat', { room_id: roomId });
    await client.close();
  } finally {
    process.exit();
  }
});

try {
  await client.connect();
  const { status } = await client.call('enter_queue', { display_name: name });
  if (status === 'waiting' && roomId === undefined) show('* Waiting for somebody to talk to…');
} catch (error) {
  console.error(`Cannot enter at ${url}: ${error.message}`);
  process.exit(1);
}
