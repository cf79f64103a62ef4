import { webcrypto } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate as X509,
  X509CertificateGenerator,
} from '../common/x509.ts'

/** Where a CA and the certificate it signed are kept (PEM). */
export interface AuthorityFiles {
  ca: string
  caKey: string
  cert: string
  key: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const day = 86_400_000
const caLifetime = 10 * 365 * day
/** Apple's limit for a server certificate; younger than this and browsers do not complain. */
const certificateLifetime = 397 * day

type Crypto = Parameters<typeof X509CertificateGenerator.create>[1]
const crypto = webcrypto as unknown as Crypto

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
}

async function writeKey(path: string, key: webcrypto.CryptoKey): Promise<void> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key)
  writeFileSync(path, `${PemConverter.encode(der as ArrayBuffer, 'PRIVATE KEY')}\n`, { mode: 0o600 })
}

/** Make a CA: its certificate to trust, and its key (mode 0600). */
export async function makeAuthority(files: AuthorityFiles): Promise<void> {
  const keys = await generateKeys()
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=Parley local CA',
      notBefore: new Date(Date.now() - day),
      notAfter: new Date(Date.now() + caLifetime),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    },
    crypto,
  )
  await writeKey(files.caKey, keys.privateKey)
  writeFileSync(files.ca, `${certificate.toString('pem')}\n`)
}

/** Make a server certificate for names and addresses, signed by the CA. */
export async function makeCertificate(files: AuthorityFiles, names: string[]): Promise<void> {
  const authority = new X509(readFileSync(files.ca, 'utf8'))
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    PemConverter.decodeFirst(readFileSync(files.caKey, 'utf8')),
    algorithm,
    false,
    ['sign'],
  )
  const keys = await generateKeys()
  const certificate = await X509CertificateGenerator.create(
    {
      subject: `CN=${names[0]}`,
      issuer: authority.subject,
      notBefore: new Date(Date.now() - day),
      notAfter: new Date(Date.now() + certificateLifetime),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(
          names.map((name) => ({ type: isIP(name) === 0 ? ('dns' as const) : ('ip' as const), value: name })),
        ),
      ],
    },
    crypto,
  )
  await writeKey(files.key, keys.privateKey)
  writeFileSync(files.cert, `${certificate.toString('pem')}\n${authority.toString('pem')}\n`)
}
