import { type StaticDocument, staticDocument } from '../../http/static-document.ts'
import type { GraphRequest, GraphResponse, Operation } from '../operation.ts'
import { csdl } from './csdl.ts'

function metadataOf(operations: () => readonly Operation[]) {
  const documents = new Map<string, StaticDocument>()
  return async ({ version }: GraphRequest): Promise<GraphResponse> => {
    const document = documents.get(version) ?? staticDocument(csdl(operations(), version))
    documents.set(version, document)
    return { status: 200, headers: { 'Content-Type': 'application/xml' }, raw: document.plain, document }
  }
}

async function service({ origin, version }: GraphRequest): Promise<GraphResponse> {
  const sets = ['users', 'organization', 'applications'].map((name) => ({ name, kind: 'EntitySet', url: name }))
  const singles = ['me', 'communications', ...(version === 'beta' ? ['app'] : [])]
  return {
    status: 200,
    body: {
      '@odata.context': `${origin}/${version}/$metadata`,
      value: [...sets, ...singles.map((name) => ({ name, kind: 'Singleton', url: name }))],
    },
  }
}

const shared = {
  versions: ['v1.0', 'beta'],
  method: 'GET',
  permissions: { application: [], delegated: [] },
  queryOptions: [],
  anonymous: true,
} as const

/** `$metadata` of a list of operations, which these are part of, and the service document; no token needed. */
export const metadataOperations = (operations: () => readonly Operation[]): readonly Operation[] => [
  {
    ...shared,
    path: '/$metadata',
    produces: ['application/xml'],
    summary: 'The types and operations, as CSDL',
    handle: metadataOf(operations),
  },
  { ...shared, path: '', summary: 'The service document', handle: service },
]
