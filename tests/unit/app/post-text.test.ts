import { describe, expect, it, vi } from 'vitest'
import { findPostTextProblem } from '../../../app/compose/post-text.ts'

describe('findPostTextProblem', () => {
  it.each([
    ['', 'Write something first.'],
    ['a'.repeat(300), undefined],
    ['a'.repeat(301), 'Your post is 1 character too long. The limit is 300.'],
    ['👩‍👩‍👧‍👧'.repeat(300), 'Your post is 4500 bytes too long.'],
  ])('%#', (text, problem) => {
    const found = findPostTextProblem(text)
    if (problem === undefined) expect(found).toBeUndefined()
    else expect(found).toContain(problem)
  })

  it('does not count what a reader sees in megabytes of text', () => {
    const segment = vi.spyOn(Intl.Segmenter.prototype, 'segment')
    expect(findPostTextProblem('a'.repeat(3_000_000))).toContain('much too long')
    expect(segment).not.toHaveBeenCalled()
    segment.mockRestore()
  })
})
