/**
 * A Stryker plugin: texts for people are not mutated. Which words a message uses is no behaviour, and a test that pins
 * them only gets in the way; codes, names and values are single words and stay mutated.
 */
const prose = /\S+ \S+ \S+/

/** The literal's own text; empty for every other part of a program. */
function textOf(node) {
  if (node.type === 'StringLiteral') return node.value
  return node.type === 'TemplateLiteral' ? node.quasis.map(({ value }) => value.raw).join('x') : ''
}

const ignorer = {
  shouldIgnore: ({ node }) => (prose.test(textOf(node)) ? 'This is a text for people.' : undefined),
}

export const strykerPlugins = [{ kind: 'Ignore', name: 'prose', value: ignorer }]
