;; Valid, and of no use.
(component)
