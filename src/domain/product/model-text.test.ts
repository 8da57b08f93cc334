import { expect, test } from 'vitest'
import { plainModelText } from './model-text.ts'

test.each([
  ['select a,b from t', 'select  a ,\n  b\nfrom t -- all of them\n'],
  ['select a from t', '/* outer /* inner */ still outer */ select a/* x */from t'],
  ["select '-- no comment' from t", "select\t'-- no comment'  from t"],
  ['select f(a) from t', 'select f ( a ) from t'],
  ['select $$ -- text $$ from t', 'select $$ -- text $$ -- comment\nfrom t'],
])('%s is the same as %s', (a, b) => {
  expect(plainModelText(b)).toBe(plainModelText(a))
})

test.each([
  ["select 'a  b' from t", "select 'a b' from t"],
  ['select "a  b" from t', 'select "a b" from t'],
  ["select e'\\' -- x' from t", "select e'\\' ' from t"],
  ['select $$ a  b $$ from t', 'select $$ a b $$ from t'],
  ['select a b from t', 'select ab from t'],
  ["select 'a'\n'b' from t", "select 'a' 'b' from t"],
  ['select 1 - -1', 'select 1 --1'],
  ['select a from t where x /* = 1 */', 'select a from t where x = 1'],
])('%s is not %s', (a, b) => {
  expect(plainModelText(b)).not.toBe(plainModelText(a))
})
