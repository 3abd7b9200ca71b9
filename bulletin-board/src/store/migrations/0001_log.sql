-- One row per log. leaf_hash is the `prev` of the next entry.
create table head (
  log integer generated always as identity primary key,
  origin text not null unique,
  size bigint not null default 0 check (size >= 0),
  leaf_hash bytea not null check (octet_length(leaf_hash) = 32),
  epoch bigint not null default 0
);

-- No foreign key: rows come only from the statement that moves the head, and a check per row would double its cost.
create table entry (
  log integer not null,
  idx bigint not null check (idx >= 0),
  leaf_hash bytea not null check (octet_length(leaf_hash) = 32),
  sub_id bytea not null check (octet_length(sub_id) = 32),
  body bytea not null,
  primary key (log, idx),
  unique (log, sub_id)
) with (toast_tuple_target = 8160);

-- Ballots stay in line: ciphertext does not compress, and the default would try.
alter table entry alter column body set storage main;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the log is append-only' using errcode = '25006';
end
$$;

create trigger append_only before update or delete or truncate on entry
  for each statement execute function refuse_change();
create trigger keep before delete or truncate on head
  for each statement execute function refuse_change();
revoke update, delete, truncate on entry from public, current_user;
revoke delete, truncate on head from public, current_user;

create function only_forward() returns trigger language plpgsql as $$
begin
  if new.log <> old.log or new.origin <> old.origin or new.size < old.size or new.epoch < old.epoch
     or (new.size = old.size and new.leaf_hash <> old.leaf_hash) then
    raise exception 'the head of a log only moves forward' using errcode = '25006';
  end if;
  return new;
end
$$;

create trigger forward before update on head
  for each row execute function only_forward();
