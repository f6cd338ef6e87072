# The page that compares two pictures (test mode).

faces-title = Same person?
faces-lead = Choose two pictures with a face each. The answer is yes or no, never a number.
faces-first = First picture
faces-second = Second picture
faces-do = Compare
faces-kept = Nothing is kept: both pictures are dropped as soon as they are compared. This page exists in test mode; programs use POST /v1/faces/compare with a restricted key.
faces-same = The same person
faces-likely = Probably the same person
faces-different = Not sure enough to say that it is the same person
faces-no_face = There is no face to compare
faces-rate = If 1 in { $n } strangers may pass
faces-beyond = Marked *: fewer strangers were compared than this rate asks for. The threshold is stricter, but nobody has counted the rate.
faces-yes = Yes
faces-no = No
faces-of_first = First picture: { $hint }
faces-of_second = Second picture: { $hint }
faces-hint-no_face = no face was found. Choose a picture that shows one from the front.
faces-hint-several_faces = several faces; the largest one was compared.
faces-hint-come_closer = the face is small. A larger one compares better.
faces-hint-hold_still = the face is blurred. A sharper picture compares better.
faces-hint-more_light = the face is dark. Light from the front helps.
faces-hint-less_light = the face is too bright. Softer light helps.
faces-hint-look_at_camera = the face is turned away. A view from the front compares better.
