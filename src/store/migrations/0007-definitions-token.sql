-- Another text after every statement that changed what is applied: whoever kept something that follows from it sees that it is old.
create table definitions_token (id boolean primary key default true, token text not null);
insert into definitions_token (token) values ('empty');
create function move_definitions_token() returns trigger language plpgsql as $$
begin
  update definitions_token set token = gen_random_uuid()::text;
  return null;
end $$;
create trigger entity_moves_token after insert or update or delete on entity for each statement execute function move_definitions_token();
create trigger definition_moves_token after insert or update or delete on definition for each statement execute function move_definitions_token();
-- What stands below a product is found by the beginning of its subject.
create index entity_below on entity (env, subject text_pattern_ops) where removed_at is null;
