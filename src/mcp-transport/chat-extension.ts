import type { ParleyConfig } from '../config/index.js';

/** What Parley's extension says of this deployment, so that a face can offer what there is without trying it. */
export interface ChatSettings {
  readonly pools: readonly {
    readonly name: string;
    readonly description?: string;
    readonly min_group_size: number;
    readonly max_group_size: number;
  }[];
  /** Longest message in characters (Unicode code points); 0: no limit. */
  readonly message_max_characters: number;
  /** What every tool's name begins with, where there is such a thing. */
  readonly tool_prefix?: string;
}

export function chatSettings({ pools, messageMaxCharacters, toolPrefix }: ParleyConfig): ChatSettings {
  return {
    pools: [...pools.values()].map(({ name, description, minGroupSize, maxGroupSize }) => ({
      name,
      ...(description !== '' && { description }),
      min_group_size: minGroupSize,
      max_group_size: maxGroupSize,
    })),
    message_max_characters: messageMaxCharacters,
    ...(toolPrefix !== '' && { tool_prefix: toolPrefix }),
  };
}
