import type { Measure } from '../measure.ts'
export const coldStart: Measure = { name: 'cold', run: async () => ({ name: 'cold', title: '', about: '', tables: [] }) }
