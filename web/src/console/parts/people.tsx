import type { Person } from '../api/answers.js';
import { hrefOf } from '../places.js';
import { Id } from './id.js';
import { Untrusted } from './untrusted.js';

/** Somebody’s name, which leads to what is known of them. */
export const PersonLink = ({ person }: { readonly person: Person }) => (
  <a class="person" href={hrefOf('people', person.user_id)} title={person.user_id}>
    <Untrusted text={person.display_name} />
  </a>
);

export function People({ people, nobody }: { readonly people: readonly Person[]; readonly nobody: string }) {
  if (people.length === 0) return <span class="quiet">{nobody}</span>;
  return (
    <ul class="people">
      {people.map((person) => (
        <li key={person.user_id}>
          <PersonLink person={person} />
        </li>
      ))}
    </ul>
  );
}

export const RoomLink = ({ roomId }: { readonly roomId: string }) => (
  <a href={hrefOf('rooms', roomId)}>
    <Id of={roomId} />
  </a>
);

export const ParticipantLink = ({ userId }: { readonly userId: string }) => (
  <a href={hrefOf('people', userId)}>
    <Id of={userId} />
  </a>
);
