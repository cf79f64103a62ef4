import type { Operation } from '../operation.ts'

/** The same operation under `/me` and `/users/{userId}`, in v1.0 and beta (contract B.1). */
export function underUser(operation: Omit<Operation, 'versions'>): Operation[] {
  return ['/me', '/users/{userId}'].map((root) => ({
    ...operation,
    versions: ['v1.0', 'beta'],
    path: `${root}${operation.path}`,
  }))
}

/** Who may read and write meetings (contract B.1). */
export const readPermissions = {
  application: ['OnlineMeetings.Read.All', 'OnlineMeetings.ReadWrite.All'],
  delegated: ['OnlineMeetings.Read', 'OnlineMeetings.ReadWrite'],
} as const
export const writePermissions = {
  application: ['OnlineMeetings.ReadWrite.All'],
  delegated: ['OnlineMeetings.ReadWrite'],
} as const
