import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Which folders of src/ a folder may import from, besides itself. The arrow of the architecture points one way. */
export const LAYERS = {
  domain: [],
  ports: ['domain'],
  config: ['ports', 'domain'],
  adapters: ['ports', 'domain'],
  auth: ['config', 'ports', 'domain'],
  outbox: ['ports', 'domain'],
  history: ['outbox', 'config', 'ports', 'domain'],
  'message-queue': ['outbox', 'config', 'ports', 'domain'],
  matching: ['config', 'ports', 'domain'],
  traces: ['domain'],
  simulation: ['traces', 'adapters', 'matching', 'config', 'ports', 'domain'],
  instances: ['config', 'ports', 'domain'],
  notifications: ['config', 'ports', 'domain'],
  participants: ['moderation', 'notifications', 'config', 'ports', 'domain'],
  moderation: ['notifications', 'config', 'ports', 'domain'],
  rooms: ['moderation', 'notifications', 'config', 'ports', 'domain'],
  queue: ['rooms', 'matching', 'notifications', 'config', 'ports', 'domain'],
  recording: ['traces', 'queue', 'notifications', 'config', 'ports', 'domain'],
  'mcp-transport': [
    'auth',
    'instances',
    'queue',
    'rooms',
    'participants',
    'notifications',
    'config',
    'ports',
    'domain',
  ],
  'mcp-events': ['mcp-transport', 'auth', 'participants', 'rooms', 'notifications', 'config', 'ports', 'domain'],
  metrics: [
    'moderation',
    'mcp-events',
    'mcp-transport',
    'history',
    'message-queue',
    'auth',
    'queue',
    'matching',
    'rooms',
    'notifications',
    'config',
    'ports',
    'domain',
  ],
  operations: [
    'moderation',
    'mcp-events',
    'mcp-transport',
    'history',
    'message-queue',
    'instances',
    'queue',
    'matching',
    'rooms',
    'participants',
    'notifications',
    'config',
    'ports',
    'domain',
  ],
  figures: [
    'metrics',
    'mcp-events',
    'mcp-transport',
    'history',
    'message-queue',
    'instances',
    'queue',
    'matching',
    'rooms',
    'notifications',
    'config',
    'ports',
    'domain',
  ],
  admin: ['operations', 'figures', 'moderation', 'mcp-transport', 'instances', 'auth', 'config', 'ports', 'domain'],
  console: ['web', 'mcp-transport', 'config', 'ports', 'domain'],
  health: ['instances', 'notifications', 'config', 'ports', 'domain'],
  tenants: ['metrics', 'mcp-transport', 'instances', 'notifications', 'auth', 'config', 'ports', 'domain'],
  testing: ['adapters', 'matching', 'config', 'ports', 'domain'],
  client: ['domain'],
  web: ['mcp-transport', 'participants', 'queue', 'rooms', 'notifications', 'config', 'ports', 'domain'],
};
/** Folders that others reach through their index.ts only. */
const FEATURES = [
  'config',
  'auth',
  'outbox',
  'history',
  'message-queue',
  'matching',
  'traces',
  'simulation',
  'instances',
  'notifications',
  'participants',
  'rooms',
  'queue',
  'recording',
  'mcp-transport',
  'mcp-events',
  'metrics',
  'moderation',
  'operations',
  'figures',
  'admin',
  'console',
  'health',
  'tenants',
  'client',
  'web',
];

const folders = Object.keys(LAYERS);
const direction = folders.map((folder) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: folders
              .filter((other) => other !== folder && !LAYERS[folder].includes(other))
              .flatMap((other) => [`../${other}/**`, `../../${other}/**`]),
            message: `src/${folder} may import only from: ${LAYERS[folder].join(', ') || 'itself'}.`,
          },
          {
            group: FEATURES.filter((other) => other !== folder).flatMap((other) => [
              `../${other}/*`,
              `../../${other}/*`,
              `!../${other}/index.js`,
              `!../../${other}/index.js`,
            ]),
            message: 'Import a feature through its index.ts.',
          },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'node_modules', 'examples/*/dist', 'examples/*/node_modules'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    // Examples are applications of their own; their types are there once they are installed.
    ignores: ['examples/**'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
  },
  {
    files: ['**/*.{ts,tsx}'],
    ignores: ['examples/**'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/cli/**', 'src/client/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@modelcontextprotocol/*'],
              allowTypeImports: true,
              message: 'The service needs no more than the types of the SDK; its code would be a tenth of the start.',
            },
          ],
        },
      ],
    },
  },
  { files: ['examples/**/*.ts'], extends: [...tseslint.configs.recommended] },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'URL',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'clearInterval',
          'setImmediate',
          'fetch',
          'Buffer',
          'crypto',
          'AbortController',
          'performance',
          'structuredClone',
          'Request',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  ...direction,
);
