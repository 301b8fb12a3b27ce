/** SHA-256 of a text's UTF-8 bytes as 64 hex digits (FIPS 180-4); the browser's own is asynchronous. */
export function sha256(text: string): string {
  const state = primes(8).map((prime) => fraction(prime ** (1 / 2)));
  const words = padded(new TextEncoder().encode(text));
  for (let block = 0; block < words.length; block += 16) {
    compress(state, words.subarray(block, block + 16));
  }
  return state.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

function primes(count: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate += 1) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  }
  return found;
}

function fraction(root: number): number {
  return ((root - Math.floor(root)) * 2 ** 32) | 0;
}

const ROUNDS = primes(64).map((prime) => fraction(prime ** (1 / 3)));

function padded(bytes: Uint8Array): Uint32Array {
  const length = ((bytes.length + 8) >> 6) * 16 + 16;
  const words = new Uint32Array(length);
  bytes.forEach((byte, position) => {
    words[position >> 2] = (words[position >> 2] ?? 0) | (byte << (24 - (position % 4) * 8));
  });
  const end = bytes.length >> 2;
  words[end] = (words[end] ?? 0) | (0x80 << (24 - (bytes.length % 4) * 8));
  words[length - 2] = Math.floor(bytes.length / 2 ** 29);
  words[length - 1] = (bytes.length << 3) >>> 0;
  return words;
}

function turn(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

function schedule(block: Uint32Array): Int32Array {
  const words = new Int32Array(64);
  words.set(block);
  const at = (position: number) => words[position] ?? 0;
  for (let round = 16; round < 64; round += 1) {
    const before = at(round - 15);
    const last = at(round - 2);
    const one = turn(before, 7) ^ turn(before, 18) ^ (before >>> 3);
    const other = turn(last, 17) ^ turn(last, 19) ^ (last >>> 10);
    words[round] = (at(round - 16) + one + at(round - 7) + other) | 0;
  }
  return words;
}

function compress(state: number[], block: Uint32Array): void {
  const words = schedule(block);
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let round = 0; round < 64; round += 1) {
    const big = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const choice = (e & f) ^ (~e & g);
    const first = (h + big + choice + (ROUNDS[round] ?? 0) + (words[round] ?? 0)) | 0;
    const small = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const second = (small + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, position) => {
    state[position] = ((state[position] ?? 0) + word) | 0;
  });
}
