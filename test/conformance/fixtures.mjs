import { setTimeout as delay } from 'node:timers/promises';
import { CLIENT_CAPABILITIES_META_KEY, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { RpcError } from '../../dist/index.js';

/** One pixel, and half a millisecond of silence. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mNQSFgAAAHEASFcollRAAAAAElFTkSuQmCC';
const WAV = 'UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQQAAACAgICA';

const STEP_MS = 20;

const text = (value) => ({ type: 'text', text: value });
const image = { type: 'image', data: PNG, mimeType: 'image/png' };
const embedded = (uri, value) => ({ type: 'resource', resource: { uri, mimeType: 'text/plain', text: value } });

const NOTHING = { type: 'object', properties: {}, additionalProperties: false };

/** A tool that answers `content`, after what `work` does if there is any. */
const tool = (name, description, content, work) => ({
  name,
  title: name,
  description,
  inputSchema: NOTHING,
  call: async (_args, call) => {
    await work?.(call);
    return { content };
  },
});

/** Every keyword that JSON Schema 2020-12 allows beside the properties must reach the client unchanged. */
const SCHEMA_2020_12 = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: { $anchor: 'postal', type: 'object', properties: { city: { type: 'string' } } },
  },
  properties: {
    address: { $ref: '#/$defs/address' },
    contact: { enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contact: { const: 'phone' } }, required: ['contact'] },
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

async function reportProgress(call) {
  for (const progress of [0, 50, 100]) {
    if (progress > 0) await delay(STEP_MS);
    if (call.progressToken === undefined) continue;
    call.notify('notifications/progress', { progressToken: call.progressToken, progress, total: 100 });
  }
}

function requireSampling({ meta }) {
  if (meta[CLIENT_CAPABILITIES_META_KEY]?.sampling) return;
  const data = { requiredCapabilities: { sampling: {} } };
  throw new RpcError(ProtocolErrorCode.MissingRequiredClientCapability, 'The client must offer sampling', data, 400);
}

function fail() {
  throw new Error('This tool always fails');
}

const TOOLS = [
  tool('test_simple_text', 'Answers a text.', [text('A simple text.')]),
  tool('test_image_content', 'Answers an image.', [image]),
  tool('test_audio_content', 'Answers a sound.', [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }]),
  tool('test_embedded_resource', 'Answers a resource.', [embedded('test://embedded', 'An embedded resource.')]),
  tool('test_multiple_content_types', 'Answers a text, an image and a resource.', [
    text('Several kinds of content:'),
    image,
    embedded('test://mixed', 'An embedded resource.'),
  ]),
  tool('test_error_handling', 'Fails in a way that nobody foresaw.', [], fail),
  tool('test_tool_with_progress', 'Reports progress on the way.', [text('Done.')], reportProgress),
  tool(
    'test_missing_capability',
    'Needs a client that offers sampling.',
    [text('Sampling is there.')],
    requireSampling,
  ),
  tool('test_streaming_elicitation', 'Answers on a stream, after a notification.', [text('Done.')], (call) =>
    call.notify('notifications/test', {}),
  ),
  tool('test_logging_tool', 'Has nothing to log.', [text('Done.')]),
  {
    ...tool('json_schema_2020_12_tool', 'Takes arguments with a rich schema.', [text('Done.')]),
    inputSchema: SCHEMA_2020_12,
  },
];

const TEMPLATE = /^test:\/\/template\/([^/]+)\/data$/;

/** A resource of one fixed content. */
const resource = (uri, mimeType, content) => ({
  resource: { uri, name: uri.slice('test://'.length), description: `A fixture of type ${mimeType}.`, mimeType },
  read: async (wanted) => (wanted === uri ? [{ uri, mimeType, ...content }] : undefined),
});

const RESOURCES = [
  resource('test://static-text', 'text/plain', { text: 'A static text.' }),
  resource('test://static-binary', 'image/png', { blob: PNG }),
  resource('test://watched-resource', 'text/plain', { text: 'A text to subscribe to.' }),
  {
    template: {
      uriTemplate: 'test://template/{id}/data',
      name: 'template',
      description: 'Data by id.',
      mimeType: 'application/json',
    },
    read: async (uri) => {
      const [, id] = TEMPLATE.exec(uri) ?? [];
      return id === undefined ? undefined : [{ uri, mimeType: 'application/json', text: JSON.stringify({ id }) }];
    },
  },
];

const prompt = (name, names, contents) => ({
  name,
  title: name,
  description: `A fixture with ${names.length} arguments.`,
  arguments: names.map((argument) => ({ name: argument, description: 'A text.', required: true })),
  get: (args) => contents(args).map((content) => ({ role: 'user', content })),
});

const PROMPTS = [
  prompt('test_simple_prompt', [], () => [text('A simple prompt.')]),
  {
    ...prompt('test_prompt_with_arguments', ['arg1', 'arg2'], ({ arg1, arg2 }) => [text(`arg1=${arg1}, arg2=${arg2}`)]),
    complete: (_argument, value) => ['testing', 'tested', 'paris'].filter((word) => word.startsWith(value)),
  },
  prompt('test_prompt_with_embedded_resource', ['resourceUri'], ({ resourceUri }) => [
    embedded(resourceUri, 'An embedded resource.'),
    text('Look at the resource above.'),
  ]),
  prompt('test_prompt_with_image', [], () => [image, text('Look at the image above.')]),
];

/** Adds what the suite's scenarios call by name. */
export function addFixtures(registry) {
  for (const each of TOOLS) registry.addTool(each);
  for (const each of RESOURCES) registry.addResource(each);
  for (const each of PROMPTS) registry.addPrompt(each);
}
