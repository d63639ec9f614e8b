import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bitString,
  children,
  decode,
  encode,
  hasBit,
  integer,
  MalformedDer,
  namedBits,
  objectIdentifier,
  octetString,
  readObjectIdentifier,
  readTime,
  sequence,
  tags,
  time,
} from '../../../proxy/identity/x509/der';
import { openssl } from './openssl';

const parsed = (der: Uint8Array) => openssl({ der }, 'asn1parse', '-inform', 'DER', '-in', 'der').trim().split('\n');

describe('DER', () => {
  it('has lengths in their shortest form', () => {
    const header = (length: number) =>
      encode(tags.octetString, new Uint8Array(length)).subarray(0, -length || undefined);
    expect(header(0).toString('hex')).toBe('0400');
    expect(header(127).toString('hex')).toBe('047f');
    expect(header(128).toString('hex')).toBe('048180');
    expect(header(255).toString('hex')).toBe('0481ff');
    expect(header(256).toString('hex')).toBe('04820100');
    expect(header(65_536).toString('hex')).toBe('0483010000');
  });

  it('has natural numbers without a byte too many, and none that reads as negative', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (magnitude) => {
        const { content } = decode(integer(magnitude));
        const value = BigInt(`0x0${Buffer.from(magnitude).toString('hex')}`);
        expect(BigInt(`0x${content.toString('hex')}`)).toBe(value);
        expect((content[0] ?? 0x80) & 0x80).toBe(0);
        if (content.length > 1) expect(content[0] !== 0 || (content[1] ?? 0) >= 0x80).toBe(true);
      }),
    );
  });

  it('reads back what it has written, however deep', () => {
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'medium' },
        fc.uint8Array({ maxLength: 300 }),
        fc.array(tie('tree'), { maxLength: 5 }),
      ),
    }));
    const written = (value: Tree): Buffer =>
      value instanceof Uint8Array ? octetString(value) : sequence(...value.map(written));
    const read = (der: Buffer): Tree => {
      const value = decode(der);
      return value.tag === tags.octetString
        ? Uint8Array.from(value.content)
        : children(value).map(({ whole }) => read(whole));
    };
    fc.assert(
      fc.property(tree, (value) => {
        expect(read(written(value))).toEqual(value);
      }),
    );
  });

  it('has object identifiers as OpenSSL reads them', () => {
    const rest = fc.array(fc.nat({ max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 8 });
    const oid = fc
      .oneof(
        fc.tuple(fc.nat({ max: 1 }), fc.nat({ max: 39 }), rest),
        fc.tuple(fc.constant(2), fc.nat({ max: 47 }), rest),
      )
      // Below an arc that OpenSSL has no names for.
      .map(([first, second, others]) => [first, second, 999_999, ...others].join('.'));
    fc.assert(
      fc.property(fc.array(oid, { minLength: 20, maxLength: 20 }), (all) => {
        const lines = parsed(sequence(...all.map(objectIdentifier))).slice(1);
        expect(lines.map((line) => line.replace(/.*:/, ''))).toEqual(all);
        expect(all.map((one) => readObjectIdentifier(decode(objectIdentifier(one)).content))).toEqual(all);
      }),
      { numRuns: 5 },
    );
  });

  it('has times of two digits up to 2049 and of four from 2050, as OpenSSL reads them', () => {
    const shown = (date: string) => parsed(time(Date.parse(date)))[0]?.replace(/.*prim: */, '');
    expect(shown('2049-12-31T23:59:59.999Z')).toBe('UTCTIME           :491231235959Z');
    expect(shown('2050-01-01T00:00:00Z')).toBe('GENERALIZEDTIME   :20500101000000Z');
    expect(shown('2051-06-30T12:00:00Z')).toBe('GENERALIZEDTIME   :20510630120000Z');
    expect(shown('1950-01-01T00:00:00Z')).toBe('UTCTIME           :500101000000Z');
    expect(shown('1949-12-31T23:59:59Z')).toBe('GENERALIZEDTIME   :19491231235959Z');
  });

  it('reads back every time, in whole seconds', () => {
    const range = { min: new Date('1900-01-01'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true };
    fc.assert(
      fc.property(fc.date(range), (date) => {
        expect(readTime(decode(time(date.getTime())))).toBe(Math.floor(date.getTime() / 1_000) * 1_000);
      }),
    );
  });

  it('has named bits without zeros at the end', () => {
    expect(namedBits(0).toString('hex')).toBe('03020780');
    expect(namedBits(5, 6).toString('hex')).toBe('03020106');
    expect(namedBits(8).toString('hex')).toBe('0303070080');
    const numbers = fc.uniqueArray(fc.nat({ max: 20 }), { minLength: 1 });
    fc.assert(
      fc.property(numbers, (given) => {
        const { content } = decode(namedBits(...given));
        const found = Array.from({ length: 24 }, (_, bit) => bit).filter((bit) => hasBit(content, bit));
        expect(found).toEqual([...given].sort((a, b) => a - b));
      }),
    );
  });

  it('refuses what is not DER, and fails in no other way', () => {
    for (const [hex, why] of [
      ['', 'it ends in the middle'],
      ['04', 'it ends in the middle'],
      ['0402ff', 'it ends in the middle'],
      ['0482', 'it ends in the middle'],
      ['0480', 'a length is not in its shortest form'],
      ['048105ffffffffff', 'a length is not in its shortest form'],
      ['0485ffffffffff', 'a length is not in its shortest form'],
      ['1f8101', 'unknown tag 31'],
      ['040000', '1 bytes too many'],
    ] as const) {
      expect(() => decode(Buffer.from(hex, 'hex'))).toThrow(new MalformedDer(why));
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          children(decode(Buffer.from(bytes)));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedDer);
        }
      }),
    );
    expect(() => readTime(decode(bitString(Buffer.from('20500101000000Z'))))).toThrow(MalformedDer);
    for (const text of ['491331235959Z', '4912312359Z', '491231235959+0100', '49123123595'])
      expect(() => readTime(decode(encode(tags.utcTime, Buffer.from(text))))).toThrow(
        new MalformedDer(`${JSON.stringify(text)} is no time`),
      );
  });
});

type Tree = Uint8Array | readonly Tree[];
