import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nameOfCaller, numberOf } from './caller.ts'

test('a number shown to all lacks its last digits, a withheld one has words of the language', () => {
  assert.equal(nameOfCaller('+34 600-111.222', 'en'), '+3460011••••')
  assert.equal(nameOfCaller('1234', 'en'), '123•')
  assert.equal(nameOfCaller('anonymous', 'en'), 'Unknown caller')
  assert.equal(nameOfCaller('', 'es'), 'Llamada oculta')
  assert.equal(numberOf('sales@example'), '')
  assert.equal(numberOf('+34 (600) 111'), '+34600111')
})

test('whatever a trunk says, what all see never ends in the digits of the number', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\+?\d{1,24}$/)), (said) => {
      const [name, number] = [nameOfCaller(said, 'en'), numberOf(said)]
      assert.match(number, /^(\+?\d{2,20})?$/)
      if (number === '') return assert.equal(name, 'Unknown caller')
      assert.match(name, /^\+?\d*•+$/)
      assert.equal(name.length, number.length)
    }),
  )
})
