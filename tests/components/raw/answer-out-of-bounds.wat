;; An answer that is nowhere.
(func $render (param i32 i32 i32 i32 i32 i32) (result i32)
  (i32.const 0x7ffffff0))
