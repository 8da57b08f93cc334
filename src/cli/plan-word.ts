/** A plan as it is named: a file is named from where the command was called, whoever reads it. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

export const planWord = (word: string): string => (existsSync(word) ? resolve(word) : word)
