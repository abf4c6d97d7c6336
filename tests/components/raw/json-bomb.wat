;; A fact whose value is a text of 60 MiB, `[0,0,0,…`: sixteen times as large
;; for whoever parses it.
(memory $memory (export "memory") 1000)
;; kind, scope (a tag and a list), value.
(data (i32.const 0x300)
  "\00\01\00\00\03\00\00\00" "\00\00\00\00\00\00\00\00\00\00\00\00"
  "\00\00\10\00\00\00\c0\03")
(data (i32.const 0x280) "\00\03\00\00\01\00\00\00" "\00\00\00\00\00\00\00\00")
(func $facts (param i32 i32 i32 i32) (result i32)
  (local $at i32)
  (local.set $at (i32.const 0x100000))
  (loop $element
    (i32.store16 (local.get $at) (i32.const 0x2c30))
    (local.set $at (i32.add (local.get $at) (i32.const 2)))
    (br_if $element (i32.lt_u (local.get $at) (i32.const 0x3d00000))))
  (i32.store8 (i32.const 0x100000) (i32.const 0x5b))
  (i32.store8 (i32.const 0x100001) (i32.const 0x20))
  (i32.store16 (i32.const 0x3cffffe) (i32.const 0x5d30))
  (i32.const 0x280))
