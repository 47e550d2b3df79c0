import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    alias: { 'server-only': 'next/dist/compiled/server-only/empty.js' },
    tsconfigPaths: true,
  },
  test: {
    include: ['tests/unit/**/*.test.ts'],
    server: { deps: { inline: ['next-atproto-auth'] } },
  },
})
