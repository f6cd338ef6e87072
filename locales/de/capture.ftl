# What is said and shown while the camera or the microphone is on; spoken aloud, too.

lens-label = Ihre Kamera, wie im Spiegel
lens-progress = Fortschritt
lens-section = Kamera

ear-section = Mikrofon
ear-opening = Das Mikrofon wird geöffnet
ear-opening_how = Wenn Ihr Browser fragt, erlauben Sie das Mikrofon.

voice-on = Ansage an
voice-off = Ansage aus

say-start = Schauen Sie in die Kamera
say-judging = Einen Moment
say-ear = Gleich sprechen Sie
say-heard = Ich höre Sie
say-part = { $say } ({ $number } von { $of })
say-digits = Sprechen Sie diese Ziffern einzeln
say-words = Sagen Sie diese englischen Wörter nacheinander
say-key_phrase = Sagen Sie jetzt Ihren eigenen Satz
say-own_words = Ihre eigenen Wörter

step-neutral = Schauen Sie in die Kamera
step-smile = Jetzt lächeln
step-turn_left = Drehen Sie den Kopf nach links
step-turn_right = Drehen Sie den Kopf nach rechts
step-closer = Kommen Sie etwas näher
step-back = Gehen Sie etwas zurück
step-hold_still = Halten Sie kurz still
step-colours = Bitte still halten, während Ihr Bildschirm die Farbe wechselt
step-hold = Schauen Sie in die Kamera und halten Sie still

hint-no_face = Bringen Sie Ihr Gesicht ins Bild
hint-several_faces = Bitte nur eine Person
hint-come_closer = Etwas näher
hint-move_back = Etwas weiter weg
hint-more_light = Mehr Licht von vorn
hint-hold_still = Still halten
hint-look_at_camera = Schauen Sie in die Kamera
hint-hold_upright = Halten Sie das Telefon so, dass Ihr Gesicht aufrecht ist
hint-show_eyes = Lassen Sie die Kamera Ihre Augen sehen
hint-turn_more = Noch ein wenig mehr
hint-turn_back = Wieder nach vorn
hint-other_side = Zur anderen Seite
hint-smile_more = Etwas mehr lächeln
hint-relax_face = Entspannen Sie Ihr Gesicht
hint-slow_down = Etwas langsamer
hint-too_short = Etwas langsamer, jede Ziffer einzeln
hint-too_quiet = Etwas lauter oder näher
hint-too_noisy = Um Sie herum ist es laut: bitte an einem ruhigeren Ort
hint-too_loud = Etwas leiser oder weiter weg

end-paid = Bezahlt. Danke.
end-try_again = Das war nicht deutlich genug. Bitte noch einmal, mit Licht von vorn.
end-confirm_too = Bitte bestätigen Sie diese Zahlung auf einem weiteren Weg.
end-another_way = Wir konnten diese Zahlung nicht bestätigen. Bitte zahlen Sie auf einem anderen Weg.
end-voice_try_again = Das war nicht deutlich genug. Bitte sprechen Sie die neuen Ziffern an einem ruhigen Ort.
end-voice_broken_off = Der Ton ist abgebrochen. Es wurde nichts bezahlt; bitte versuchen Sie es noch einmal.
end-broken_off = Das Kamerabild ist abgebrochen. Es wurde nichts bezahlt; bitte versuchen Sie es noch einmal.
end-voice_enrolled = Fertig. Sie können jetzt mit der Stimme zahlen.
end-voice_not_enrolled = Nicht genug deutliche Sprache. Bitte versuchen Sie es an einem ruhigen Ort noch einmal.
end-not_one_voice = Die Aufnahmen klingen verschieden. Bitte versuchen Sie es allein an einem ruhigen Ort noch einmal.
end-enrolled = Fertig. Sie können jetzt mit einem Lächeln zahlen.
end-not_enrolled = Nicht genug deutliche Bilder. Bitte noch einmal, mit Licht von vorn.
end-no_money = In der Geldbörse ist nicht genug Geld. Bitte zahlen Sie auf einem anderen Weg.
end-nobody_found = Zu diesen Ziffern haben wir Sie nicht gefunden. Bitte prüfen Sie sie und versuchen Sie es noch einmal, oder zahlen Sie auf einem anderen Weg.
end-gone = Diese Zahlung ist nicht mehr möglich. Bitte gehen Sie zurück zum Shop.

eye-label = Ihre Kamera: was im Quadrat ist, zählt
eye-section = Kamera
capture-section = Kamera
capture-opening = Kamera wird geöffnet
capture-opening_how = Wenn Ihr Browser fragt, erlauben Sie die Kamera.
capture_voice-section = Mikrofon
capture_voice-opening = Mikrofon wird geöffnet
capture_voice-opening_how = Wenn Ihr Browser fragt, erlauben Sie das Mikrofon.
say-start_object = Halten Sie es in den Rahmen
step-show = Halten Sie es in den Rahmen
step-phone_closer = Gehen Sie mit dem Telefon näher heran
step-phone_back = Gehen Sie mit dem Telefon zurück
step-from_left = Jetzt von links darauf schauen
step-from_right = Jetzt von rechts darauf schauen
hint-hold_until_sharp = Ruhig halten, bis es scharf ist
hint-light_needed = Bitte mehr Licht
hint-less_light = Bitte weniger Licht
hint-glare = Es spiegelt: ein wenig kippen
hint-fill_frame = Füllen Sie den Rahmen damit
hint-show_pet = Zeigen Sie das Gesicht Ihres Hundes oder Ihrer Katze
hint-no_face_here = Zeigen Sie nur das Tattoo, ohne Gesicht
hint-keep_in_frame = Ganz im Rahmen halten und langsam bewegen
end-object_try_again = Das war nicht deutlich genug. Bitte noch einmal, langsam und bei gleichmäßigem Licht.
end-object_enrolled = Fertig. Sie können jetzt damit zahlen.
end-object_not_enrolled = Nicht genug deutliche Bilder. Bitte bei gleichmäßigem Licht noch einmal.
end-object_not_suitable = Das lässt sich nicht gut genug unterscheiden. Bitte wählen Sie etwas anderes.
