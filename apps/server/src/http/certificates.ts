import { X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { SettingError } from '../config/settings.ts'
import type { AuthorityFiles } from './local-ca.ts'

export interface TlsFiles {
  cert: string
  key: string
  /** The CA a client must trust, or null when the certificate is the administrator's own. */
  caFile: string | null
}

const renewBefore = 30 * 86_400_000

/** The certificate to serve https with: the administrator's, else one signed by a CA made once in the data folder. */
export async function openCertificates(config: Config): Promise<TlsFiles> {
  if (config.tls !== null)
    return {
      cert: readSetting('PARLEY_TLS_CERT', config.tls.certificateFile),
      key: readSetting('PARLEY_TLS_KEY', config.tls.keyFile),
      caFile: null,
    }
  const folder = join(config.dataFolder, 'tls')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const files = {
    ca: join(folder, 'ca.pem'),
    caKey: join(folder, 'ca-key.pem'),
    cert: join(folder, 'server.pem'),
    key: join(folder, 'server-key.pem'),
  }
  const names = serverNames(config)
  if (!existsSync(files.ca) || !existsSync(files.caKey)) await (await import('./local-ca.ts')).makeAuthority(files)
  if (!isCurrent(files, names)) await (await import('./local-ca.ts')).makeCertificate(files, names)
  return { cert: readFileSync(files.cert, 'utf8'), key: readFileSync(files.key, 'utf8'), caFile: files.ca }
}

function readSetting(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new SettingError(setting, `names a file that cannot be read: ${path}`)
  }
}

function serverNames(config: Config): string[] {
  const names = ['localhost', '127.0.0.1', '::1', new URL(config.publicUrl).hostname.replace(/^\[|\]$/g, '')]
  if (config.host !== '0.0.0.0' && config.host !== '::') names.push(config.host)
  return [...new Set(names)]
}

function isCurrent(files: AuthorityFiles, names: string[]): boolean {
  if (!existsSync(files.cert) || !existsSync(files.key)) return false
  const certificate = new X509Certificate(readFileSync(files.cert))
  if (new Date(certificate.validTo).getTime() - Date.now() < renewBefore) return false
  if (!certificate.verify(new X509Certificate(readFileSync(files.ca)).publicKey)) return false
  return names.every((name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined)
}
