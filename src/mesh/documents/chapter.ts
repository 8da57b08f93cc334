/** A chapter: people of one craft across domains. */
import { z } from 'zod'
import { ownHeader, slug } from '../../domain/index.ts'

export const chapterDocument = z.strictObject({
  ...ownHeader,
  kind: z.literal('Chapter'),
  id: slug.describe('Id of the chapter.'),
  discipline: z.string().optional().describe('The craft.'),
  lead: z.string().optional().describe('A username.'),
  members: z.array(z.string()).optional().describe('Usernames.'),
  reviews: z.array(z.string()).optional().describe('Product kinds or policies whose changes the chapter sees.'),
})

export type ChapterDocument = z.output<typeof chapterDocument>
