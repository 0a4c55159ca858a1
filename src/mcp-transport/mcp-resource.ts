import type { ReadResourceResult, Resource, ResourceTemplateType } from '@modelcontextprotocol/server';
import type { CallContext } from './call-context.js';

export type ResourceContents = ReadResourceResult['contents'];

/** A resource, or a family of them by a template. */
export interface McpResource {
  /** Listed by `resources/list`. */
  readonly resource?: Resource;
  /** Listed by `resources/templates/list`. */
  readonly template?: ResourceTemplateType;
  /** Whether it is the same for everybody for as long as the service runs, so that clients may keep it. */
  readonly constant?: boolean;
  /** The contents at a URI, or undefined when there is nothing for this caller. */
  read(uri: string, call: CallContext): Promise<ResourceContents | undefined>;
}
