// The clock of a process, moved by WEFT_TEST_LATER_MS: for `node --require`, where a test cannot wait for days.
const Real = Date
const laterMs = Number(process.env.WEFT_TEST_LATER_MS ?? 0)
globalThis.Date = class extends Real {
  constructor(...parts) {
    if (parts.length === 0) super(Real.now() + laterMs)
    else super(...parts)
  }
  static now() {
    return Real.now() + laterMs
  }
  static [Symbol.hasInstance](value) {
    return value instanceof Real
  }
}
