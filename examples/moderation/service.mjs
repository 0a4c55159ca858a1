// A moderator of your own: it is asked about every message and name, and answers with a verdict.
//   export MODERATION_SECRET=whsec_$(openssl rand -base64 32)
//   node examples/moderation/service.mjs 8090
//   MODERATION_URL=http://127.0.0.1:8090/ MODERATION_ON_FAILURE=closed npm start
import { createServer } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

const [port = '8090'] = process.argv.slice(2);
const parley = new Webhook(process.env.MODERATION_SECRET);

function judge({ kind, text }) {
  if (kind === 'display_name' && /admin/i.test(text)) return { verdict: 'refuse', reason: 'only admins are called so' };
  if (text.includes('@')) return { verdict: 'mask', text: text.replaceAll(/\S+@\S+/g, '[an address]') };
  if (text.includes('password')) return { verdict: 'flag', reason: 'speaks of passwords' };
  return { verdict: 'pass' };
}

createServer(async (request, response) => {
  try {
    const question = parley.verify(await textOf(request), request.headers);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(judge(question)));
  } catch {
    response.writeHead(401).end();
  }
}).listen(Number(port), '127.0.0.1', function () {
  console.log(`Judging at http://127.0.0.1:${this.address().port}/`);
});
