# What is said and shown while the camera or the microphone is on; spoken aloud, too.

lens-label = 您的摄像头画面，如同镜子
lens-progress = 进度
lens-section = 摄像头

ear-section = 麦克风
ear-opening = 正在打开麦克风
ear-opening_how = 如果浏览器询问，请允许使用麦克风。

voice-on = 语音提示已开
voice-off = 语音提示已关

say-start = 请看着摄像头
say-judging = 请稍候
say-ear = 请准备说话
say-heard = 我听到您了
say-part = { $say }（第 { $number } 组，共 { $of } 组）
say-digits = 请逐个念出这些数字
say-words = 请依次读出这些英文单词
say-key_phrase = 现在请说出您自己的口令
say-own_words = 您自己的口令

step-neutral = 请看着摄像头
step-smile = 现在请微笑
step-turn_left = 请把头向左转
step-turn_right = 请把头向右转
step-closer = 请靠近一点
step-back = 请退后一点
step-hold_still = 请保持不动片刻
step-colours = 屏幕变换颜色时请保持不动
step-hold = 请看着摄像头，保持不动

hint-no_face = 请把脸移到画面里
hint-several_faces = 画面里请只有一个人
hint-come_closer = 再近一点
hint-move_back = 再远一点
hint-more_light = 正面光线再亮一些
hint-hold_still = 请不要动
hint-look_at_camera = 请看着摄像头
hint-hold_upright = 请把手机拿正，让脸保持竖直
hint-show_eyes = 请让摄像头看到您的眼睛
hint-turn_more = 再转一点
hint-turn_back = 请转回正面
hint-other_side = 请转向另一边
hint-smile_more = 笑得再大一点
hint-relax_face = 请放松面部
hint-slow_down = 再慢一点
hint-too_short = 请慢一点，每个数字都念清楚
hint-too_quiet = 请大声一点，或靠近一点
hint-too_noisy = 周围太吵，请到安静一点的地方
hint-too_loud = 请小声一点，或离远一点

end-paid = 已付款，谢谢。
end-try_again = 刚才不够清楚。请用正面的光再试一次。
end-confirm_too = 请再用一种方式确认这笔付款。
end-another_way = 我们无法确认这笔付款，请用其他方式付款。
end-voice_try_again = 刚才不够清楚。请在安静的地方念出新的数字。
end-voice_broken_off = 声音中断了。没有付款，请再试一次。
end-broken_off = 摄像头画面中断了。没有付款，请再试一次。
end-voice_enrolled = 好了，现在您可以说话付款。
end-voice_not_enrolled = 清楚的语音不够。请在安静的地方再试一次。
end-not_one_voice = 几段录音听起来不一样。请独自在安静的地方再试一次。
end-enrolled = 好了，现在您可以微笑付款。
end-not_enrolled = 清楚的画面不够。请用正面的光再试一次。
end-no_money = 钱包余额不足，请用其他方式付款。
end-nobody_found = 根据这几位数字没有找到您。请检查后再试一次，或用其他方式付款。
end-gone = 这笔付款已无法完成，请回到商店。

eye-label = 您的摄像头：以方框内为准
eye-section = 摄像头
capture-section = 摄像头
capture-opening = 正在打开摄像头
capture-opening_how = 如果浏览器询问，请允许使用摄像头。
capture_voice-section = 麦克风
capture_voice-opening = 正在打开麦克风
capture_voice-opening_how = 如果浏览器询问，请允许使用麦克风。
say-start_object = 把它放进方框
step-show = 把它放进方框
step-phone_closer = 手机靠近一些
step-phone_back = 手机拿远一些
step-from_left = 现在从左侧拍
step-from_right = 现在从右侧拍
hint-hold_until_sharp = 拿稳，直到画面清晰
hint-light_needed = 请再亮一些
hint-less_light = 请暗一些
hint-glare = 有反光，请稍微倾斜
hint-fill_frame = 让它占满方框
hint-show_pet = 请拍狗或猫的正脸
hint-no_face_here = 只拍纹身，不要拍到脸
hint-keep_in_frame = 让它完整留在方框内，慢慢移动
end-object_try_again = 刚才不够清楚。请在均匀的光线下慢一点再试一次。
end-object_enrolled = 好了，现在可以用它付款。
end-object_not_enrolled = 清楚的照片不够。请在均匀的光线下再试一次。
end-object_not_suitable = 它与别的不够容易区分，请换一个。
