-- The first entry of the pass log under each nullifier.
create table pass (
  nullifier bytea primary key check (octet_length(nullifier) = 32),
  entry bigint not null unique,
  class integer not null,
  request bytea not null check (octet_length(request) = 32)
);
