;; An answer where none may begin.
(func $render (param i32 i32 i32 i32 i32 i32) (result i32)
  (i32.const 0x201))
