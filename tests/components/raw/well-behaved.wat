;; Nothing but the frame.
