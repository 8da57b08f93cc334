-- What `find` looks through: a row for each thing that was applied, written with it in one transaction.
-- Texts are compared by their bytes, so that what begins with a word is a range whatever the server's language is.
create table search_entry (
  env text not null, kind text not null, subject text collate "C" not null, rank smallint not null, name text not null,
  name_key text collate "C" not null, title text, description text, keywords text not null, domain text, product text, dataset text,
  major smallint not null,
  owner text, status text, words tsvector not null,
  primary key (env, subject, kind)
);
-- Columns are most of all things and come last: they have indexes of their own.
create index search_thing_words on search_entry using gin (words) with (fastupdate = off) where kind <> 'column';
create index search_column_words on search_entry using gin (words) with (fastupdate = off) where kind = 'column';
create index search_column_name on search_entry (env, name_key, product, major desc, subject) where kind = 'column';
create index search_owner on search_entry (env) where owner is not null;
-- Every word once, and the groups of three letters in it: what was mistyped is looked up here.
create table search_word (env text not null, word text collate "C" not null, primary key (env, word));
create table search_gram (
  env text not null, gram text collate "C" not null, word text collate "C" not null,
  primary key (env, gram, word)
);
-- How the rows were made; a version that makes them otherwise makes them anew.
create table search_index (env text primary key, format integer not null);
