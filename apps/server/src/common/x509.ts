// Loaded only when a certificate is made: the library and its polyfill cost a tenth of a second of every start otherwise.
import 'reflect-metadata'

export * from '@peculiar/x509'
