-- One registrar's own tables. Nothing here names a person, a code, an address or the time of a person's request.

-- Given nonces; gone when they expire. Losing them costs a person a second try.
create unlogged table nonce (
  nonce bytea primary key check (octet_length(nonce) = 16),
  holder bytea not null check (octet_length(holder) = 32),
  expires bigint not null,
  -- The presentation's nonce that first used it: from then on it serves those requests only.
  bound text
);
create index nonce_expires on nonce (expires);

-- What this registrar endorsed, with the evidence it sealed. `due`: when to look whether it was logged; null once it is.
create table endorsement (
  nullifier bytea not null check (octet_length(nullifier) = 32),
  request bytea not null check (octet_length(request) = 32),
  class integer not null,
  evidence bytea not null check (octet_length(evidence) = 32),
  sealed bytea not null,
  signature bytea not null check (octet_length(signature) = 64),
  due bigint,
  primary key (nullifier, request)
);
create index endorsement_due on endorsement (due) where due is not null;

-- Persons who asked before, under a tag that only this registrar can make.
create table person (
  tag bytea primary key check (octet_length(tag) = 32)
);

-- The full copy of the pass log, and the witnessed checkpoint it was last seen under.
create table pass_log (
  entry bigint primary key,
  leaf bytea not null check (octet_length(leaf) = 32),
  body bytea not null
);
create table pass (
  nullifier bytea primary key check (octet_length(nullifier) = 32),
  entry bigint not null unique references pass_log,
  class integer not null,
  request bytea not null check (octet_length(request) = 32)
);
create table checkpoint (
  one boolean primary key default true check (one),
  size bigint not null,
  note text not null
);

-- What was signed: written before the answer.
create table signed (
  nullifier bytea primary key check (octet_length(nullifier) = 32),
  request bytea not null check (octet_length(request) = 32)
);
