import { Untrusted } from './untrusted.js';

/** What a room is of: a pool, or a name that somebody gave it. */
export const RoomName = ({ room }: { readonly room: { readonly kind: 'match' | 'named'; readonly name: string } }) =>
  room.kind === 'match' ? (
    <span>{room.name}</span>
  ) : (
    <span>
      <span class="quiet">named </span>
      <Untrusted text={room.name} />
    </span>
  );
