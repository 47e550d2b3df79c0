/**
 * A Stryker plugin: texts for people are not mutated. Which words a message uses is no behaviour, and a test that pins
 * them only gets in the way; codes, names and values are single words and stay mutated.
 */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

const prose = /\S+ \S+ \S+/

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'prose', {
    shouldIgnore({ node }) {
      const text =
        node.type === 'StringLiteral'
          ? node.value
          : node.type === 'TemplateLiteral'
            ? node.quasis.map(({ value }) => value.raw).join('x')
            : ''
      return prose.test(text) ? 'This is a text for people.' : undefined
    },
  }),
]
