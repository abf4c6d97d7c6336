;; One diagnostic with 200 hints, each of them the same 48 MB of text: 9.6 GB
;; for whoever copies them one by one.
(memory $memory (export "memory") 800)
;; severity, code, message, place (a tag and a string), hints.
(data (i32.const 0x300)
  "\00\00\00\00" "\00\01\00\00\03\00\00\00" "\00\01\00\00\03\00\00\00"
  "\00\00\00\00\00\00\00\00\00\00\00\00" "\00\10\00\00\c8\00\00\00")
;; No artifacts, one diagnostic.
(data (i32.const 0x280) "\00\00\00\00\00\00\00\00" "\00\03\00\00\01\00\00\00")
(func $render (param i32 i32 i32 i32 i32 i32) (result i32)
  (local $at i32)
  (memory.fill (i32.const 0x100000) (i32.const 120) (i32.const 48000000))
  (local.set $at (i32.const 0x1000))
  (loop $hint
    (i32.store (local.get $at) (i32.const 0x100000))
    (i32.store (i32.add (local.get $at) (i32.const 4)) (i32.const 48000000))
    (local.set $at (i32.add (local.get $at) (i32.const 8)))
    (br_if $hint (i32.lt_u (local.get $at) (i32.const 0x1640))))
  (i32.const 0x280))
