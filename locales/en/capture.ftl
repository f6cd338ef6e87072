# What is said and shown while the camera or the microphone is on; spoken aloud, too.

lens-label = Your camera, as in a mirror
lens-progress = Progress
lens-section = Camera

ear-section = Microphone
ear-opening = Opening the microphone
ear-opening_how = If your browser asks, allow the microphone.

voice-on = Voice on
voice-off = Voice off

say-start = Look at the camera
say-judging = One moment
say-ear = Get ready to speak
say-heard = I hear you
say-part = { $say } ({ $number } of { $of })
say-digits = Say these digits one by one
say-words = Say these words one after another
say-key_phrase = Now say your own key phrase
say-own_words = your own words

step-neutral = Look at the camera
step-smile = Now smile
step-turn_left = Turn your head to the left
step-turn_right = Turn your head to the right
step-closer = Come a little closer
step-back = Move back a little
step-hold_still = Hold still for a moment
step-colours = Hold still while your screen changes colour
step-hold = Look at the camera and hold still

hint-no_face = Bring your face into the picture
hint-several_faces = One person only, please
hint-come_closer = A bit closer
hint-move_back = A bit further away
hint-more_light = More light from the front
hint-hold_still = Hold still
hint-look_at_camera = Look at the camera
hint-hold_upright = Hold the phone so that your face is upright
hint-show_eyes = Let the camera see your eyes
hint-turn_more = A little more
hint-turn_back = Back to the front
hint-other_side = To the other side
hint-smile_more = A bigger smile
hint-relax_face = Relax your face
hint-slow_down = A little slower
hint-too_short = A little slower, with every digit
hint-too_quiet = A little louder, or closer
hint-too_noisy = It is loud around you: somewhere quieter, please
hint-too_loud = A little softer, or further away

end-paid = Paid. Thank you.
end-try_again = That was not clear enough. Please try once more, with light from the front.
end-confirm_too = Please confirm this payment in one more way.
end-another_way = We could not confirm this payment. Please pay another way.
end-voice_try_again = That was not clear enough. Please say the new digits in a quiet place.
end-voice_broken_off = The sound broke off. Nothing was paid; please try again.
end-broken_off = The camera picture broke off. Nothing was paid; please try again.
end-voice_enrolled = Done. You can pay by speaking now.
end-voice_not_enrolled = Not enough clear speech. Please try again in a quiet place.
end-not_one_voice = The recordings sound different. Please try again alone, in a quiet place.
end-enrolled = Done. You can pay with a smile now.
end-not_enrolled = Not enough clear pictures. Please try again, with light from the front.
end-no_money = There is not enough money in the wallet. Please pay another way.
end-nobody_found = We did not find you by these digits. Please check them and try again, or pay another way.
end-gone = This payment cannot be made any more. Please go back to the shop.

eye-label = Your camera: what is in the square counts
eye-section = Camera
capture-section = Camera
capture-opening = Opening the camera
capture-opening_how = If your browser asks, allow the camera.
capture_voice-section = Microphone
capture_voice-opening = Opening the microphone
capture_voice-opening_how = If your browser asks, allow the microphone.
say-start_object = Hold it in the frame
step-show = Hold it in the frame
step-phone_closer = Move the phone closer
step-phone_back = Move the phone back
step-from_left = Now look at it from the left
step-from_right = Now look at it from the right
hint-hold_until_sharp = Hold still until it is sharp
hint-light_needed = More light, please
hint-less_light = Less light, please
hint-glare = It reflects: tilt it a little
hint-fill_frame = Fill the frame with it
hint-show_pet = Show the face of your dog or cat
hint-no_face_here = Show the tattoo alone, without a face
hint-keep_in_frame = Keep all of it in the frame, and move slowly
end-object_try_again = That was not clear enough. Please try once more, slowly, with even light.
end-object_enrolled = Done. You can pay with it now.
end-object_not_enrolled = Not enough clear pictures. Please try again, with even light.
end-object_not_suitable = This one cannot be told apart well enough. Please choose a different one.
