import { constants, createCipheriv, createHmac, publicEncrypt, randomBytes, X509Certificate } from 'node:crypto'

export interface EncryptedContent {
  data: string
  dataSignature: string
  dataKey: string
  encryptionCertificateId: string
  encryptionCertificateThumbprint: string
}

/** Read the caller's certificate: base64 of DER (or of PEM), RSA of 2048 to 4096 bits. Returns base64 of DER, or undefined. */
export function readCertificate(text: string): string | undefined {
  try {
    const bytes = Buffer.from(text, 'base64')
    const certificate = new X509Certificate(text.includes('-----BEGIN') ? text : bytes)
    const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey
    const bits = asymmetricKeyDetails?.modulusLength ?? 0
    if (asymmetricKeyType !== 'rsa' || bits < 2048 || bits > 4096) return undefined
    return certificate.raw.toString('base64')
  } catch {
    return undefined
  }
}

/**
 * Encrypt a notification's resource for its receiver (contract B.17): AES-256-CBC with PKCS7 under a key of this one
 * notification, IV = the key's first 16 bytes; the key under RSA-OAEP (SHA-1); HMAC-SHA256 over the encrypted data.
 */
export function encryptContent(content: string, certificate: string, certificateId: string): EncryptedContent {
  const { publicKey, fingerprint } = new X509Certificate(Buffer.from(certificate, 'base64'))
  const key = randomBytes(32)
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16))
  const data = Buffer.concat([cipher.update(content, 'utf8'), cipher.final()])
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  return {
    data: data.toString('base64'),
    dataSignature: createHmac('sha256', key).update(data).digest('base64'),
    dataKey: publicEncrypt({ key: publicKey, padding, oaepHash: 'sha1' }, key).toString('base64'),
    encryptionCertificateId: certificateId,
    encryptionCertificateThumbprint: fingerprint.replaceAll(':', ''),
  }
}
