;; A name that is no text.
(data (i32.const 0x100) "\ff\fe\fd")
