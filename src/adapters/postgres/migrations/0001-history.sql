-- Rooms, who was in them, what was said there, why they were matched, and what became of tickets.
-- Nothing refers to anything by a foreign key: records may be lost on their way, and what is there is kept all the same.

create table parley.rooms (
  room_id text primary key,
  -- match or named; unknown where messages are all that is known of it.
  kind text not null,
  -- The pool of a matched room, the name of a named one.
  name text not null,
  capacity integer,
  opened_at timestamptz not null,
  closed_at timestamptz,
  close_reason text,
  -- When something was last said there, or somebody came or went.
  last_at timestamptz not null,
  last_seq bigint not null default 0
);
create index rooms_pool on parley.rooms (kind, name, opened_at);

-- One row for each stay of somebody in a room: they may read the messages after after_seq, up to last_seq once they have left.
create table parley.members (
  room_id text not null,
  user_id text not null,
  -- The outbox records of their coming and going, by which a repetition is recognised.
  came text not null,
  went text,
  display_name text not null,
  provenance text not null,
  principal text,
  after_seq bigint not null,
  last_seq bigint,
  joined_at timestamptz not null,
  left_at timestamptz,
  left_reason text,
  primary key (room_id, user_id, came)
);
create index members_user_id on parley.members (user_id);

-- Partitioned by month: messages_2026_11 and so on are made by the service.
create table parley.messages (
  room_id text not null,
  seq bigint not null,
  sent_at timestamptz(3) not null,
  message_id text not null,
  sender_id text not null,
  sender_name text not null,
  sender_provenance text not null,
  text text not null,
  words tsvector not null generated always as (to_tsvector('simple'::regconfig, left(text, 50000))) stored,
  primary key (room_id, seq, sent_at)
) partition by range (sent_at);
create index messages_sender_id on parley.messages (sender_id);
create index messages_words on parley.messages using gin (words);

create table parley.matches (
  -- The outbox record by which it became known.
  record_id text primary key,
  room_id text not null,
  pool text not null,
  matched_at timestamptz not null,
  user_ids text[] not null,
  ticket_ids text[] not null,
  -- [{"code": "...", "text": "..."}]
  reasons jsonb not null
);
create index matches_room_id on parley.matches (room_id);

create table parley.tickets (
  ticket_id text primary key,
  pool text not null,
  -- Known from the record that created it.
  user_ids text[] not null default '{}',
  priority double precision,
  created_at timestamptz,
  -- matched, cancelled or expired; null while it waits.
  outcome text,
  reason text,
  room_id text,
  waited_ms bigint,
  ended_at timestamptz
);
create index tickets_pool on parley.tickets (pool, (coalesce(ended_at, created_at)));
create index tickets_user_ids on parley.tickets using gin (user_ids);

-- Whose data was deleted: nothing of theirs is taken in again, however late it comes.
create table parley.forgotten (
  user_id text primary key,
  forgotten_at timestamptz not null default now()
);
