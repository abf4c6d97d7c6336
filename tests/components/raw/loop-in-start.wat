;; Never even starts.
(func $spin
  (loop $again (br $again)))
(start $spin)
