;; Artifacts beyond the end of its memory.
(data (i32.const 0x280) "\00\00\00\7f\ff\00\00\00" "\00\00\00\00\00\00\00\00")
(func $render (param i32 i32 i32 i32 i32 i32) (result i32)
  (i32.const 0x280))
