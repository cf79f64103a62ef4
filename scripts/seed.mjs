// Loaded before every unit test (node --import): properties are tried with a seed that is written down, so that a run is
// like the last one. `npm run test:explore` takes others.
import fc from 'fast-check'

export const seed = Number(process.env.PROPERTY_SEED ?? 20_260_101)
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed })
