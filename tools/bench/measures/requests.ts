import type { Measure } from '../measure.ts'
export const requests: Measure = { name: 'requests', run: async () => ({ name: 'requests', title: '', about: '', tables: [] }) }
