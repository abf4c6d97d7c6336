;; An object that is not JSON: the tag of `manifest`, its phase, its text.
(data (i32.const 0x300) "\00\00\00\00" "\08\00\00\00" "\00\01\00\00\03\00\00\00")
(data (i32.const 0x280) "\00\03\00\00\01\00\00\00" "\00\00\00\00\00\00\00\00")
(func $render (param i32 i32 i32 i32 i32 i32) (result i32)
  (i32.const 0x280))
