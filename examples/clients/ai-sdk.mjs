// Talks to somebody with the AI SDK's MCP client. A model that is given the tools does the same by itself:
//   await generateText({ model, tools, stopWhen: stepCountIs(20), prompt: 'Find me somebody to talk to.' });
//   node examples/clients/ai-sdk.mjs Ann
// A second argument is the address of the endpoint.
import { createMCPClient } from '@ai-sdk/mcp';

const [name = 'Ann', url = 'http://127.0.0.1:3000/mcp'] = process.argv.slice(2);
const client = await createMCPClient({ transport: { type: 'http', url } });
const tools = await client.tools();

/** Calls a tool as the AI SDK does for a model, and returns its structured result. */
async function call(tool, input) {
  const options = { toolCallId: crypto.randomUUID(), messages: [] };
  const { isError, structuredContent } = await tools[tool].execute(input, options);
  if (isError) throw new Error(`${structuredContent.error}. ${structuredContent.hint}`);
  return structuredContent;
}

let { participant_token, cursor } = await call('enter_queue', { display_name: name });
for (let over = false; !over;) {
  const heard = await call('wait_for_message', { participant_token, cursor });
  cursor = heard.cursor;
  for (const { name: event, data } of heard.events) {
    if (event === 'chatroom.found') {
      console.log(`* ${data.partner.display_name} is here`);
      await call('send_message', { participant_token, room_id: data.room_id, message: `Hello, I am ${name}` });
    }
    if (event === 'message.received') console.log(`${data.sender.display_name}: ${data.message}`);
    if (event === 'room.closed') over = true;
  }
}
console.log('* The chat is over');
await client.close();
