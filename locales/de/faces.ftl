# The page that compares two pictures (test mode).

faces-title = Dieselbe Person?
faces-lead = Wählen Sie zwei Bilder mit je einem Gesicht. Die Antwort ist ja oder nein, nie eine Zahl.
faces-first = Erstes Bild
faces-second = Zweites Bild
faces-do = Vergleichen
faces-kept = Nichts wird behalten: Beide Bilder werden nach dem Vergleich verworfen. Diese Seite gibt es nur im Testbetrieb; Programme benutzen POST /v1/faces/compare mit einem eingeschränkten Schlüssel.
faces-same = Dieselbe Person
faces-likely = Wahrscheinlich dieselbe Person
faces-different = Nicht sicher genug, um zu sagen, dass es dieselbe Person ist
faces-no_face = Es gibt kein Gesicht zu vergleichen
faces-rate = Wenn 1 von { $n } Fremden durchkommen darf
faces-beyond = Mit * markiert: Es wurden weniger Fremde verglichen, als diese Rate verlangt. Die Schwelle ist strenger, aber niemand hat die Rate gezählt.
faces-yes = Ja
faces-no = Nein
faces-of_first = Erstes Bild: { $hint }
faces-of_second = Zweites Bild: { $hint }
faces-hint-no_face = Es wurde kein Gesicht gefunden. Wählen Sie ein Bild, das eines von vorn zeigt.
faces-hint-several_faces = Mehrere Gesichter; das größte wurde verglichen.
faces-hint-come_closer = Das Gesicht ist klein. Ein größeres lässt sich besser vergleichen.
faces-hint-hold_still = Das Gesicht ist unscharf. Ein schärferes Bild lässt sich besser vergleichen.
faces-hint-more_light = Das Gesicht ist dunkel. Licht von vorn hilft.
faces-hint-less_light = Das Gesicht ist zu hell. Weicheres Licht hilft.
faces-hint-look_at_camera = Das Gesicht ist abgewandt. Von vorn lässt es sich besser vergleichen.
