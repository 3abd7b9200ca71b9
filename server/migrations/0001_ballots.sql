-- What the rulebook remembers of ballots. Changed only in the transaction that appends them; a function of the record.
create table pseudonym (
  pseudonym bytea primary key check (octet_length(pseudonym) = 32),
  class integer not null,
  ballots integer not null check (ballots > 0),
  latest bytea not null check (octet_length(latest) = 32),
  latest_entry bigint not null unique
);

-- h names a ballot; its first R may stand in no other one.
create table ballot (
  h bytea primary key check (octet_length(h) = 32),
  entry bigint not null unique,
  first_randomness bytea not null unique check (octet_length(first_randomness) = 32)
);
