import { useId, useRef, useState } from 'preact/hooks';
import type { ChatClient, Person, PoolFacts } from '../../../src/client/index.js';
import { useAction } from './hooks.js';
import { TagsField } from './tags-field.js';
import { poolInWords } from './words.js';

/** What was typed into the form, so that it is there again when the form is. */
export interface StartDraft {
  /** Undefined until something was typed: then it is what the person is called already. */
  readonly name?: string;
  /** Default: the first. */
  readonly pool?: string;
  /** Default: the pool’s. */
  readonly groupSize?: number | undefined;
  readonly interests: readonly string[];
  readonly room: string;
}

export const EMPTY_DRAFT: StartDraft = { interests: [], room: '' };

export interface StartProps {
  readonly client: ChatClient;
  readonly pools: readonly PoolFacts[];
  readonly me: Person | undefined;
  readonly draft: StartDraft;
  readonly onDraft: (draft: StartDraft) => void;
}

/** Who one is, and whom one would like to meet: somebody new by the queue, or somebody one knows in a room by name. */
export function Start({ client, pools, me, draft, onDraft }: StartProps) {
  const id = useId();
  const nameField = useRef<HTMLInputElement>(null);
  const [nameless, setNameless] = useState(false);
  const [roomless, setRoomless] = useState(false);
  const queue = useAction();
  const room = useAction();
  const change = (part: Partial<StartDraft>) => onDraft({ ...draft, ...part });
  const name = draft.name ?? me?.displayName ?? '';
  const displayName = name.trim();
  const pool = pools.find(({ name }) => name === draft.pool) ?? pools[0];

  const hasName = () => {
    setNameless(displayName === '');
    if (displayName === '') nameField.current!.focus();
    return displayName !== '';
  };
  const find = (event: SubmitEvent) => {
    event.preventDefault();
    if (!hasName() || queue.busy) return;
    const { interests, groupSize } = draft;
    void queue.run(() =>
      client.enterQueue({
        displayName,
        ...(pool !== undefined && { pool: pool.name }),
        ...(interests.length > 0 && { interests }),
        ...(groupSize !== undefined && { groupSize }),
      }),
    );
  };
  const join = (event: SubmitEvent) => {
    event.preventDefault();
    const roomName = draft.room.trim();
    setRoomless(roomName === '');
    if (!hasName() || roomName === '' || room.busy) return;
    void room.run(() => client.joinRoom(roomName, displayName)).then((joined) => joined && change({ room: '' }));
  };

  return (
    <div class="card start-card">
      <form onSubmit={find} noValidate>
        <div class="field">
          <label for={`${id}-name`}>Your name</label>
          <input
            ref={nameField}
            id={`${id}-name`}
            value={name}
            maxLength={64}
            autocomplete="nickname"
            placeholder="What others call you"
            aria-invalid={nameless && displayName === ''}
            aria-describedby={`${id}-name-help`}
            onInput={(event) => change({ name: event.currentTarget.value })}
          />
          <p id={`${id}-name-help`} class="help" data-wrong={nameless && displayName === ''}>
            {nameless && displayName === '' ? 'Say what others should call you.' : 'Your partner sees it.'}
          </p>
        </div>

        {pools.length > 1 && (
          <div class="field">
            <label for={`${id}-pool`}>Meet</label>
            <select
              id={`${id}-pool`}
              value={pool!.name}
              onChange={(event) => change({ pool: event.currentTarget.value, groupSize: undefined })}
            >
              {pools.map(({ name, description }) => (
                <option key={name} value={name}>
                  {poolInWords(name)}
                  {description === undefined ? '' : ` – ${description}`}
                </option>
              ))}
            </select>
          </div>
        )}

        <div class="field">
          <label for={`${id}-interests`}>
            Interests <span class="optional">optional</span>
          </label>
          <TagsField
            id={`${id}-interests`}
            tags={draft.interests}
            describedBy={`${id}-interests-help`}
            onChange={(interests) => change({ interests })}
          />
          <p id={`${id}-interests-help`} class="help">
            Press Enter after each.
          </p>
        </div>

        {pool !== undefined && pool.max_group_size > pool.min_group_size && (
          <details class="field" open={draft.groupSize !== undefined}>
            <summary>Meet in a group</summary>
            <select
              aria-label="How many of you"
              value={draft.groupSize ?? ''}
              onChange={({ currentTarget: { value } }) =>
                change({ groupSize: value === '' ? undefined : Number(value) })
              }
            >
              <option value="">As many as come together</option>
              {sizesOf(pool).map((size) => (
                <option key={size} value={size}>
                  {size} people
                </option>
              ))}
            </select>
          </details>
        )}

        {queue.failure !== undefined && (
          <p class="failure" role="alert">
            {queue.failure}
          </p>
        )}
        <button type="submit" class="button button-primary button-wide" aria-disabled={queue.busy}>
          Find a partner
        </button>
      </form>

      <form class="room-form" onSubmit={join} noValidate>
        <div class="field">
          <label for={`${id}-room`}>Or meet in a room by name</label>
          <div class="field-row">
            <input
              id={`${id}-room`}
              value={draft.room}
              maxLength={64}
              autocomplete="off"
              placeholder="A name you agreed on"
              aria-invalid={roomless && draft.room.trim() === ''}
              aria-describedby={`${id}-room-help`}
              onInput={(event) => change({ room: event.currentTarget.value })}
            />
            <button type="submit" class="button" aria-disabled={room.busy}>
              Join
            </button>
          </div>
          <p id={`${id}-room-help`} class="help" data-wrong={roomless && draft.room.trim() === ''}>
            {roomless && draft.room.trim() === ''
              ? 'Say which room.'
              : 'Whoever joins a room of the same name is in it with you.'}
          </p>
        </div>
        {room.failure !== undefined && (
          <p class="failure" role="alert">
            {room.failure}
          </p>
        )}
      </form>
    </div>
  );
}

const sizesOf = ({ min_group_size: min, max_group_size: max }: PoolFacts) =>
  Array.from({ length: max - min + 1 }, (_, i) => min + i);
