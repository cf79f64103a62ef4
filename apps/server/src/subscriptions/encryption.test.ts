import assert from 'node:assert/strict'
import { constants, createDecipheriv, createHmac, privateDecrypt, webcrypto } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { X509CertificateGenerator } from '../common/x509.ts'
import { encryptContent, readCertificate } from './encryption.ts'

async function makeCertificate(modulusLength: number) {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength, publicExponent: new Uint8Array([1, 0, 1]) }
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const certificate = await X509CertificateGenerator.createSelfSigned(
    { name: 'CN=receiver', signingAlgorithm: algorithm, keys },
    webcrypto as unknown as Parameters<typeof X509CertificateGenerator.createSelfSigned>[1],
  )
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    certificate: Buffer.from(certificate.rawData).toString('base64'),
    pem: certificate.toString('pem'),
    privateKey: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
  }
}

test('what is encrypted is read by the receiver alone, as Graph’s documentation tells them', async () => {
  const { certificate, privateKey } = await makeCertificate(2048)
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
      const sent = encryptContent(text, certificate, 'id-1')
      const key = privateDecrypt(
        { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
        Buffer.from(sent.dataKey, 'base64'),
      )
      const data = Buffer.from(sent.data, 'base64')
      assert.equal(createHmac('sha256', key).update(data).digest('base64'), sent.dataSignature)
      const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16))
      assert.equal(Buffer.concat([decipher.update(data), decipher.final()]).toString('utf8'), text)
      assert.match(sent.encryptionCertificateThumbprint, /^[0-9A-F]{40}$/)
    }),
    { numRuns: 20 },
  )
})

test('certificates are RSA of a good size, in DER or PEM', async () => {
  const { certificate, pem } = await makeCertificate(2048)
  assert.equal(readCertificate(certificate), certificate)
  assert.equal(readCertificate(Buffer.from(pem).toString('base64')), certificate)
  assert.equal(readCertificate((await makeCertificate(1024)).certificate), undefined)
  for (const text of ['', 'x', 'AAAA', '-----BEGIN CERTIFICATE-----']) assert.equal(readCertificate(text), undefined)
})
